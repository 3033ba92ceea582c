/** The part of its lifetime after which a certificate's renewal is due. */
export const renewAfter = 2 / 3;

/** Seconds for which old and new are both admitted when nothing else was asked for: fourteen days. */
export const standardOverlap = 14 * 86_400;
