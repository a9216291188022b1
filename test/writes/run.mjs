// Runs main.ts as it stands, with the TypeScript of the tests beside it: nothing is built for it but the gateway.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    const { href } = specifier.startsWith('.') ? new URL(specifier, context.parentURL) : { href: specifier };
    const source = href.replace(/\.js$/, '.ts');
    const ours = source !== href && href.startsWith('file:') && existsSync(fileURLToPath(source));
    return next(ours ? source : specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), {
      mode: 'transform',
      sourceUrl: url,
    });
    return { format: 'module', source, shortCircuit: true };
  },
});

await import('./main.ts');
