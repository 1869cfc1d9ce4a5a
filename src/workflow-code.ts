/** What a workflow bundle is made of. */
export const workflowCode = {
  workflowsPath: require.resolve('./workflows'),
  workflowInterceptorModules: [require.resolve('./workflows/interceptors')],
};
