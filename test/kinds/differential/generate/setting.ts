import type { Draw } from './draw.ts';

export type Setting = readonly [name: string, value: string];

/** Collects settings, each in so many of a hundred configurations. */
export class Settings {
  readonly all: Setting[] = [];
  readonly #draw: Draw;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  add(percent: number, name: string, value: () => string): void {
    if (this.#draw.chance(percent)) this.all.push([name, value()]);
  }

  set(name: string, value: string): void {
    this.all.push([name, value]);
  }
}
