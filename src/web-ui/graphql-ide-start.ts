/** Names by which the Monaco editor requests its workers. */
export const WORKER_LABELS = ['editorWorkerService', 'json', 'graphql'] as const;

/** The script that starts GraphiQL in the browser, replacing the inline script of the stock page. */
export const IDE_START_SCRIPT = `'use strict';
const root = document.querySelector('#root');
const { workers, options } = JSON.parse(root.dataset.ide);
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => workers[label] };
YogaGraphiQL.renderYogaGraphiQL(root, {
  ...options,
  // Do not store credentials in the browser unless the user enables it in the settings.
  shouldPersistHeaders: undefined,
  // The stock page copies each edit into the URL: phone numbers would enter the history and long queries would not fit.
  onEditQuery: () => undefined,
});
`;
