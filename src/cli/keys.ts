import '../util/require-node.js';

const { runKeyCommand } = await import('./key-command.js');
const { stdout, stderr, exitCode } = runKeyCommand(process.argv.slice(2));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
