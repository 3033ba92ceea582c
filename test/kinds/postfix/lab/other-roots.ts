/** Folders with systems that have other releases of Postfix, separated by commas; a long run, so nobody has them by default. */
export const otherRoots = (process.env.CERTRELAY_ROOTS ?? '').split(',').filter(Boolean);
