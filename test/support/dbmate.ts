import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The dbmate that comes with its npm package. */
export function dbmateCommand(): readonly string[] {
  const near = createRequire(require.resolve('dbmate/package.json'));
  const entry = near.resolve(`@dbmate/${process.platform}-${process.arch}/package.json`);
  return [join(dirname(entry), 'bin', process.platform === 'win32' ? 'dbmate.exe' : 'dbmate')];
}
