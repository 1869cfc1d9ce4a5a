/** A number as people read it: at most four significant digits. */
export const number = (value: number): string => {
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(rounded);
};
