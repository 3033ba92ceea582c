// What bundled code means by `Reflect`: all that the global one has, and what the polyfill of decorators adds to it.
const own = Object.create(globalThis.Reflect);

export { own as Reflect };
