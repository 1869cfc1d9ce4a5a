import { FlagdProvider } from '@openfeature/flagd-provider';
import type { EvaluationContext } from '@openfeature/server-sdk';

/** What flagd's own evaluator says of the flags in a file, as a service would be told. */
export async function withFlagd<T>(
  path: string,
  ask: (isOn: (flag: string, context: EvaluationContext, fallback?: boolean) => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const provider = new FlagdProvider({ resolverType: 'in-process', offlineFlagSourcePath: path });
  try {
    await provider.initialize();
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    return await ask(async (flag, context, fallback = false) => {
      const { value } = await provider.resolveBooleanEvaluation(flag, fallback, context, log);
      return value;
    });
  } finally {
    await provider.onClose();
  }
}
