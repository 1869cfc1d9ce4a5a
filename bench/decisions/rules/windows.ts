/** Sums of `values` over windows of `width` ticks that follow one another. */
export function sumBlocks(values: Int32Array | Float64Array, width: number): Float64Array {
  const sums = new Float64Array(Math.floor(values.length / width));
  for (let block = 0; block < sums.length; block += 1) {
    let sum = 0;
    for (let i = block * width; i < (block + 1) * width; i += 1) sum += values[i] ?? 0;
    sums[block] = sum;
  }
  return sums;
}

/** The same for rows of `columns` numbers a tick. */
export function sumRows(values: Int32Array, columns: number, width: number): Float64Array {
  const blocks = Math.floor(values.length / columns / width);
  const sums = new Float64Array(blocks * columns);
  for (let block = 0; block < blocks; block += 1)
    for (let tick = block * width; tick < (block + 1) * width; tick += 1)
      for (let column = 0; column < columns; column += 1)
        sums[block * columns + column] = (sums[block * columns + column] ?? 0) + (values[tick * columns + column] ?? 0);
  return sums;
}
