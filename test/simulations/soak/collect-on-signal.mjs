// Loaded by the gateways of the soak run, before their own code: collects all garbage at SIGUSR2. What is left on the heap
// afterwards is in use, so that a leak of a few bytes per request shows within minutes. Without that, garbage that was not
// collected yet hides it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect());
