// Prints what a process loads of OpenTelemetry. Use it with `--import`.
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    const [, name] = /@opentelemetry\/([\w-]+)\//.exec(url) ?? [];
    if (name !== undefined) process.stderr.write(`loaded ${name}\n`);
    return next(url, context);
  },
});
