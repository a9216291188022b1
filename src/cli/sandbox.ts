import '../util/require-node.js';

await import('./sandbox-command.js');
