/** A question came up for which the lines were not cut. */
export class Unprepared extends Error {}
