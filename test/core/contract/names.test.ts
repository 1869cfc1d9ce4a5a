import { hiddenName, keptName } from '../../../src/core/contract/names';

it.each(['customer', 'x'.repeat(63), 'ü'.repeat(31), 'a b"c'])('hides and keeps %s under names that fit', (name) => {
  for (const made of [hiddenName(name, 'run-1'), keptName({ table: name, column: name }, 'run-1')])
    expect(Buffer.byteLength(made)).toBeLessThanOrEqual(63);
  expect(hiddenName(name, 'run-1')).not.toBe(hiddenName(name, 'run-2'));
});
