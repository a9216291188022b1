import './util/require-node.js';

await import('./app/process.js');
