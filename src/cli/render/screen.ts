import type { Output } from '../io';

export type Screen = { draw(lines: readonly string[]): void; close(): void };

/** Draws in place: each picture takes the room of the one before. */
export function createScreen(output: Output): Screen {
  let drawn = 0;
  let isOpen = false;
  return {
    draw(lines) {
      // What has scrolled out of the screen cannot be drawn over, so only what fits is drawn.
      const shown = lines.slice(-Math.max(1, (output.rows ?? 24) - 1));
      const hide = isOpen ? '' : '\u001b[?25l';
      const up = drawn === 0 ? '' : `\u001b[${drawn}A\r`;
      output.write(`${hide}${up}${shown.map((text) => `${text}\u001b[K\n`).join('')}\u001b[J`);
      drawn = shown.length;
      isOpen = true;
    },
    close() {
      if (isOpen) output.write('\u001b[?25h');
      isOpen = false;
    },
  };
}
