declare const __CERTRELAY_VERSION__: string | undefined;

/** certrelay's own version; the bundler fills it in from package.json, a run from source says so. */
export const certrelayVersion = typeof __CERTRELAY_VERSION__ === 'string' ? __CERTRELAY_VERSION__ : '0.0.0-source';
