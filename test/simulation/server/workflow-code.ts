import { AsyncLocalStorage } from 'node:async_hooks';
import { createContext, Script, type Context } from 'node:vm';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowCode } from '../../../src/workflow-code';

// What people read is written for every event, and nothing here reads it.
const withoutDetails: Mutation = {
  from: /(setCurrentDetails\)\()\(0,[\w.]+renderDetails\)\(\w+\)\)/,
  to: "$1'')",
};

/** A text of the bundled workflow code and what stands there instead: what a check must notice. */
export type Mutation = { readonly from: string | RegExp; readonly to: string };

let bundled: Promise<string> | undefined;

type BundleOptions = Parameters<typeof bundleWorkflowCode>[0];
type SwcRule = { use?: { options?: { jsc?: { target?: string } } } };

// What this machine can run needs no translation to an older language, which would cost half of the speed.
const asModern: NonNullable<BundleOptions['webpackConfigHook']> = (config) => {
  for (const rule of (config.module?.rules ?? []) as SwcRule[])
    if (rule.use?.options?.jsc !== undefined) rule.use.options.jsc.target = 'es2022';
  return config;
};

/** The real workflow code with Temporal's own workflow runtime, as a worker gets it. */
export const bundleWorkflows = (): Promise<string> =>
  (bundled ??= bundleWorkflowCode({
    workflowsPath: workflowCode.workflowsPath,
    workflowInterceptorModules: [...workflowCode.workflowInterceptorModules],
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: asModern,
  }).then(({ code }) => code.slice(0, code.lastIndexOf('//# sourceMappingURL='))));

function mutated(code: string, { from, to }: Mutation): string {
  const changed = code.replace(from, to);
  if (changed === code) throw new Error(`the workflow code has no ${String(from)}: write this mutation anew`);
  return changed;
}

/** What Temporal's `lib/worker-interface` does inside a sandbox; microtasks have run when a call returns. */
export type Sandbox = {
  call(name: string, ...args: readonly unknown[]): unknown;
  /** Which workflow the next call is for. */
  enter(activator: unknown): void;
  readonly context: Context;
  /** JSON without bytes: what a payload would carry, kept as text. */
  readonly converter: unknown;
};

/** Evaluates the code in a context whose microtasks run at the end of each call, as Temporal's worker does. */
export function openSandbox(code: string, mutations: readonly Mutation[] = []): Sandbox {
  const context = createContext(
    { AsyncLocalStorage, TextEncoder, TextDecoder, URL, URLSearchParams, AbortController, console },
    { microtaskMode: 'afterEvaluate' },
  );
  Object.assign(context, { __webpack_module_cache__: {}, simulation: {} });
  new Script(
    `for (const name of ['dispose', 'asyncDispose'])
       if (typeof Symbol[name] !== 'symbol') Object.defineProperty(Symbol, name, { value: Symbol.for('nodejs.' + name) });`,
  ).runInContext(context);
  new Script([withoutDetails, ...mutations].reduce(mutated, code), { filename: 'workflow-bundle.js' }).runInContext(
    context,
  );
  const calling = new Script('__TEMPORAL__.api[simulation.name](...simulation.args)');
  const holder = context['simulation'] as { name?: string; args?: readonly unknown[] };
  const converter = new Script(
    `({ toPayload: (value) => ({ json: JSON.stringify(value) }),
        fromPayload: ({ json, data }) =>
          json !== undefined ? JSON.parse(json)
          : data?.length > 0 ? JSON.parse(new TextDecoder().decode(data)) : undefined })`,
  ).runInContext(context) as unknown;
  return {
    context,
    converter,
    call(name, ...args) {
      holder.name = name;
      holder.args = args;
      return calling.runInContext(context) as unknown;
    },
    enter(activator) {
      context['__TEMPORAL_ACTIVATOR__'] = activator;
    },
  };
}
