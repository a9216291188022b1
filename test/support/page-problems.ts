import type { DevToolsEvent } from './devtools.js';

/** Describes the problem that a browser event reports; `undefined` if it reports none. */
export function problemOf({ method, params }: DevToolsEvent, origin: string): string | undefined {
  const { entry, type = '', args = [], exceptionDetails, request } = params;
  // Content security policy violations and failed requests are log entries.
  if (method === 'Log.entryAdded' && entry && isBad(entry.level)) {
    return `${entry.level}: ${entry.text} ${entry.url ?? ''}`;
  }
  if (method === 'Runtime.consoleAPICalled' && isBad(type)) {
    return `console.${type}: ${args.map(({ value, description }) => description ?? JSON.stringify(value)).join(' ')}`;
  }
  if (method === 'Runtime.exceptionThrown' && exceptionDetails) {
    return `uncaught: ${exceptionDetails.text} ${exceptionDetails.exception?.description ?? ''}`;
  }
  if (method === 'Network.requestWillBeSent' && request && !isLocal(request.url, origin)) {
    return `requests another origin: ${request.url}`;
  }
  return undefined;
}

function isBad(level: string): boolean {
  return level === 'error' || level === 'warning' || level === 'assert';
}

function isLocal(url: string, origin: string): boolean {
  return url.startsWith('data:') || new URL(url).origin === origin;
}
