/**
 * Calls back after `ms`, but not before the process has looked at what reached it in that time: a busy one sees its
 * timers first and would take an answer that has long been there for none. Returns what stops it.
 */
export function startPatientTimer(ms: number, onTime: () => void): () => void {
  let isStopped = false;
  const afterReading = (): void => void setImmediate(() => setImmediate(() => !isStopped && onTime()));
  const timer = setTimeout(afterReading, ms);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
