import { valuesOf, type Fields, type Job } from './workflow-instance';

/** Says which message of somebody outside a job brings; nothing for any other job. */
export function tell(item: Job, hear: (name: string, payload: unknown) => void): void {
  if (item.variant === 'signalWorkflow') {
    const { signalName, input } = item['signalWorkflow'] as Fields;
    hear(String(signalName), valuesOf(input)[0]);
  }
  if (item.variant === 'doUpdate') {
    const { name, input } = item['doUpdate'] as Fields;
    hear(String(name), valuesOf(input)[0]);
  }
  if (item.variant === 'cancelWorkflow') hear('cancel', undefined);
}
