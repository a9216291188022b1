/** Names by which Monaco, the editor, asks for its workers. */
export const WORKER_LABELS = ['editorWorkerService', 'json', 'graphql'] as const;

/** The script that starts GraphiQL in the browser, in place of the stock page's inline one. */
export const IDE_START_SCRIPT = `'use strict';
const root = document.querySelector('#root');
const { workers, options } = JSON.parse(root.dataset.ide);
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => workers[label] };
YogaGraphiQL.renderYogaGraphiQL(root, {
  ...options,
  // Credentials stay out of the browser's storage unless the user turns that on in the settings.
  shouldPersistHeaders: undefined,
  // The stock page copies each edit into the address: phone numbers would enter the history, long queries would not fit.
  onEditQuery: () => undefined,
});
`;
