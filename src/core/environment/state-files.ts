import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { outlineSchema } from './outline';

const outline = z.looseObject({ sockets: z.array(z.unknown()).catch([]), stateFiles: z.unknown().optional() });

type Words = Pick<Finding, 'code' | 'message' | 'fix'>;

/** Where no state file is kept, for people; a sentence without its full stop. */
export const whatCrashDoes =
  'a HAProxy that crashes or is reloaded begins with the weights of its configuration, which may be everybody on the canary, until the release sets them again';

const missing: Words = {
  code: 'state-files-missing',
  message:
    'nobody says whether the weights survive: without its state file a HAProxy that crashes or is reloaded begins with the weights of its configuration, which may be everybody on the canary',
  fix: 'add the `server-state-file` of each HAProxy, such as `stateFiles: [/var/lib/haproxy/state]`, or accept the loss by `stateFiles: none`',
};

function wordsOf(stateFiles: unknown, sockets: number): Words | undefined {
  if (stateFiles === undefined) return missing;
  if (stateFiles === 'none') return undefined;
  if (!Array.isArray(stateFiles))
    return {
      code: 'state-files-unfit',
      message: 'a list of paths or the word none is expected',
      fix: 'write one path for each socket, such as `stateFiles: [/var/lib/haproxy/state]`, or `stateFiles: none`',
    };
  const files = stateFiles.filter((file): file is string => typeof file === 'string');
  if (files.length < stateFiles.length) return undefined;
  const different = new Set(files).size;
  if (files.length === sockets && different === files.length) return undefined;
  return {
    code: 'state-files-unfit',
    message: `${different} different state files stand beside ${sockets} sockets`,
    fix: 'write one file for each socket, in the same order',
  };
}

/**
 * What a crash does is said, not left open; and each HAProxy has a state file of its own: two that share one would begin with
 * each other's weights.
 */
export function checkStateFiles(value: unknown): readonly Finding[] {
  const { targets } = outlineSchema.parse(value);
  return Object.entries(targets).flatMap(([name, target]): readonly Finding[] => {
    if (target.kind !== 'haproxy') return [];
    const { sockets, stateFiles } = outline.parse(target);
    const words = wordsOf(stateFiles, sockets.length);
    return words === undefined ? [] : [{ ...words, path: ['targets', name, 'stateFiles'] }];
  });
}
