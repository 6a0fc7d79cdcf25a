/** Draws the pictures of the story as PNG files of 0.3 to 2 kB. The drawings are the same in each run. */
import { crc32, deflateSync } from 'node:zlib';

export interface Picture {
  name: string;
  png: Uint8Array;
}

const WIDTH = 240;
const HEIGHT = 136;
/** Number of directions from which `viewport` draws the crates. */
export const VIEWPORTS = 10;

type Color = readonly [red: number, green: number, blue: number];

/** One byte per pixel: an index into the palette. */
class Drawing {
  readonly #pixels: Uint8Array;
  readonly #palette: readonly Color[];

  constructor(palette: readonly Color[]) {
    this.#palette = palette;
    this.#pixels = new Uint8Array(WIDTH * HEIGHT);
  }

  rectangle(left: number, top: number, width: number, height: number, color: number): void {
    for (let y = Math.max(0, top); y < Math.min(HEIGHT, top + height); y += 1) {
      this.#pixels.fill(color, y * WIDTH + Math.max(0, left), y * WIDTH + Math.max(0, Math.min(WIDTH, left + width)));
    }
  }

  /**
   * The drawing as a PNG file. See the PNG specification, sections 5 and 11: color type 3, no interlace, no row filter.
   */
  png(): Uint8Array {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(WIDTH, 0);
    header.writeUInt32BE(HEIGHT, 4);
    header.set([8, 3, 0, 0, 0], 8);
    const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
    for (let y = 0; y < HEIGHT; y += 1) {
      rows.set(this.#pixels.subarray(y * WIDTH, (y + 1) * WIDTH), y * (WIDTH + 1) + 1);
    }
    return Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      chunk('IHDR', header),
      chunk('PLTE', Buffer.from(this.#palette.flat())),
      chunk('IDAT', deflateSync(rows, { level: 6 })),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

const SEA: Color = [24, 62, 92];
const WAVE: Color = [38, 84, 118];
const LAND: Color = [104, 132, 92];
const PIER: Color = [150, 120, 84];
const PLAYER: Color = [238, 214, 120];
const WAITING: Color = [222, 66, 54];

/** The map of the game from above, with players, and with waiting players at the gate on the right. */
function harbor(players: number, waiting: number): Uint8Array {
  const drawing = new Drawing([SEA, WAVE, LAND, PIER, PLAYER, WAITING]);
  const random = sequence(17);
  for (let wave = 0; wave < 60; wave += 1) {
    drawing.rectangle(random(WIDTH), random(HEIGHT), 6 + random(10), 1, 1);
  }
  for (let row = 0; row < HEIGHT; row += 1) {
    drawing.rectangle(0, row, 60 + Math.round(18 * Math.sin(row / 17)), 1, 2);
    drawing.rectangle(196 + Math.round(10 * Math.sin(row / 23 + 1)), row, WIDTH, 1, 2);
  }
  for (const top of [22, 58, 94]) {
    drawing.rectangle(58, top, 74, 7, 3);
  }
  for (let player = 0; player < players; player += 1) {
    drawing.rectangle(10 + random(112), 6 + random(HEIGHT - 12), 2, 2, 4);
  }
  for (let player = 0; player < waiting; player += 1) {
    drawing.rectangle(204 + random(32), 8 + random(HEIGHT - 16), 2, 2, 5);
  }
  return drawing.png();
}

/** A stack of crates in the editor, from one of `VIEWPORTS` directions. */
function viewport(index: number): Uint8Array {
  const drawing = new Drawing([
    [46, 48, 54],
    [62, 65, 72],
    [176, 134, 82],
    [132, 98, 58],
    [208, 168, 112],
    [90, 160, 220],
  ]);
  for (let line = 0; line < HEIGHT; line += 17) {
    drawing.rectangle(0, line, WIDTH, 1, 1);
  }
  const random = sequence(101 + index);
  const shift = index * 6;
  for (let crate = 0; crate < 9; crate += 1) {
    const left = 24 + shift + (crate % 5) * 28 - (crate > 4 ? -14 : 0);
    const top = crate > 4 ? 52 : 84;
    const side = 5 + ((index + crate) % 4) * 3;
    drawing.rectangle(left, top, 26, 30, 2);
    drawing.rectangle(left + 26 - side, top, side, 30, 3);
    drawing.rectangle(left, top, 26, 4, 4);
  }
  drawing.rectangle(6 + random(12), 6, 40, 5, 5);
  return drawing.png();
}

/** Integers of a linear congruential generator, from 0 to `below - 1`. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** `viewport_0` and so on, `harbor_overview`, and `crash_harbor`, which the game server leaves when it crashes. */
export function storyPictures(): Picture[] {
  return [
    ...Array.from({ length: VIEWPORTS }, (_none, index) => ({ name: `viewport_${index}`, png: viewport(index) })),
    { name: 'harbor_overview', png: harbor(160, 0) },
    { name: 'crash_harbor', png: harbor(160, 640) },
  ];
}
