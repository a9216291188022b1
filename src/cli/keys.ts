import { runKeyCommand } from './key-command.js';

const { stdout, stderr, exitCode } = runKeyCommand(process.argv.slice(2));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
