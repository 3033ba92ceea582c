/** Things of a log that are alike but for their time, counted; of those that differ, as many as there is room for. */
export class Kept<Thing extends { readonly alike: number }> {
  /** How many were left out because there was no room. */
  leftOut = 0;
  private readonly room: number;
  private readonly signature: (thing: Thing) => string;
  private readonly weight: (thing: Thing) => number;
  private readonly things = new Map<string, Thing>();
  private lightest = Number.POSITIVE_INFINITY;

  /** Where there is no room, what weighs least goes, and of those the latest. */
  constructor(room: number, signature: (thing: Thing) => string, weight: (thing: Thing) => number = () => 0) {
    this.room = room;
    this.signature = signature;
    this.weight = weight;
  }

  add(thing: Thing): void {
    const key = this.signature(thing);
    const before = this.things.get(key);
    if (before !== undefined) {
      this.things.set(key, { ...before, alike: before.alike + thing.alike });
      return;
    }
    const weight = this.weight(thing);
    if (this.things.size >= this.room && !this.makeRoom(weight)) {
      this.leftOut += thing.alike;
      return;
    }
    this.things.set(key, thing);
    this.lightest = Math.min(this.lightest, weight);
  }

  get all(): readonly Thing[] {
    return [...this.things.values()];
  }

  /** Takes out the latest of the lightest, if that is lighter than what comes. */
  private makeRoom(weight: number): boolean {
    // A lower bound, so that a log full of what weighs nothing costs one comparison a thing.
    if (weight <= this.lightest) return false;
    let latest: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [key, thing] of this.things) {
      const own = this.weight(thing);
      if (own > least) continue;
      least = own;
      latest = key;
    }
    this.lightest = least;
    if (latest === undefined || weight <= least) return false;
    this.leftOut += this.things.get(latest)?.alike ?? 0;
    this.things.delete(latest);
    return true;
  }
}
