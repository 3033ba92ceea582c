/**
 * What was met lately, by name: at least the last `room` names, at most twice as many. Two maps take turns, since taking
 * the oldest name out of one map, over and over, is slow.
 */
export class Recent<Value> {
  private readonly room: number;
  private now = new Map<string, Value>();
  private before = new Map<string, Value>();

  constructor(room: number) {
    this.room = room;
  }

  get(name: string): Value | undefined {
    return this.now.get(name) ?? this.before.get(name);
  }

  set(name: string, value: Value): void {
    this.now.set(name, value);
    if (this.now.size < this.room) return;
    this.before = this.now;
    this.now = new Map();
  }
}
