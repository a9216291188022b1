import { existsSync } from 'node:fs';
import { DevTools, type DevToolsEvent } from './devtools.js';
import { problemOf } from './page-problems.js';

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CONTROL = 2;
const CONDITION_TIMEOUT_MS = 20_000;

export interface RenderOptions {
  /** A JavaScript expression that is true once the page is ready; polled until then. */
  readonly until?: string;
}

/**
 * Returns the DOM of a page once it is ready. Throws if the page logs an error, violates its content security policy or
 * requests another origin.
 */
export async function renderPage(url: string, options: RenderOptions = {}): Promise<string> {
  const browser = await Browser.start();
  try {
    const tab = await browser.open(url);
    await tab.waitFor(options.until ?? 'document.body.childElementCount > 0');
    const problems = tab.problems();
    if (problems.length > 0) throw new Error(`${url} has problems:\n${problems.join('\n')}`);
    return await tab.dom();
  } finally {
    await browser.close();
  }
}

/** A headless Chromium that can reach only 127.0.0.1. */
export class Browser {
  private constructor(private readonly devTools: DevTools) {}

  static async start(): Promise<Browser> {
    const executable = CHROMIUM_PATHS.find((path) => existsSync(path));
    if (executable === undefined) {
      throw new Error(
        `The page tests need Chromium at one of ${CHROMIUM_PATHS.join(', ')}: apt-get install chromium`,
      );
    }
    return new Browser(await DevTools.spawn(executable));
  }

  /** Opens a page in a tab with an empty profile and waits for the load event. */
  async open(url: string): Promise<Tab> {
    const { browserContextId } = await this.devTools.send('Target.createBrowserContext');
    const { targetId } = await this.devTools.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
    });
    const { sessionId } = await this.devTools.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this.devTools, required(sessionId), new URL(url).origin);
    await tab.navigate(url);
    return tab;
  }

  close(): Promise<void> {
    return this.devTools.close();
  }
}

/** One page in the browser. */
export class Tab {
  private readonly found: string[] = [];
  /** DevTools sessions of this page and its workers. */
  private readonly sessions = new Set<string>();

  constructor(
    private readonly devTools: DevTools,
    private readonly sessionId: string,
    private readonly origin: string,
  ) {
    this.sessions.add(sessionId);
    devTools.listen((event) => this.watch(event));
  }

  async navigate(url: string): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
    await this.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: false,
      flatten: true,
    });
    const loaded = this.devTools.next('Page.loadEventFired', this.sessionId);
    const { errorText } = await this.send('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url} did not load: ${errorText}`);
    await loaded;
  }

  /** Console errors, policy violations, uncaught errors and requests to other origins, including those of workers. */
  problems(): readonly string[] {
    return this.found;
  }

  async dom(): Promise<string> {
    return String(await this.evaluate('document.documentElement.outerHTML'));
  }

  /** Evaluates an expression, awaits its promise if it is one, and returns the value as JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined)
      throw new Error(`${expression} failed: ${JSON.stringify(exceptionDetails)}`);
    return result?.value;
  }

  async click(selector: string): Promise<void> {
    await this.waitFor(`document.querySelector(${JSON.stringify(selector)})`);
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  async waitFor(condition: string): Promise<void> {
    const met = await this.evaluate(`new Promise((resolve) => {
      const deadline = Date.now() + ${CONDITION_TIMEOUT_MS};
      const look = () => {
        if (${condition}) resolve(true);
        else if (Date.now() > deadline) resolve(false);
        else setTimeout(look, 50);
      };
      look();
    })`);
    if (met) return;
    const shown = String(await this.evaluate('document.body.innerText'));
    throw new Error(
      [`Condition was never true: ${condition}`, ...this.found, 'The page shows:', shown].join('\n'),
    );
  }

  /** Replaces the text of an editor or input, as a user would. `selector` selects the element to focus. */
  async enter(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    const selectAll = {
      key: 'a',
      code: 'KeyA',
      windowsVirtualKeyCode: 65,
      modifiers: CONTROL,
      commands: ['selectAll'],
    };
    await this.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...selectAll });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...selectAll });
    await this.send('Input.insertText', { text });
  }

  send(method: string, params?: object): ReturnType<DevTools['send']> {
    return this.devTools.send(method, params, this.sessionId);
  }

  private watch(event: DevToolsEvent): void {
    const { method, params, sessionId } = event;
    if (!this.sessions.has(sessionId)) return;
    if (method === 'Target.attachedToTarget') this.watchWorker(required(params.sessionId));
    const problem = problemOf(event, this.origin);
    if (problem !== undefined) this.found.push(problem);
  }

  // The browser replays earlier events of the worker once a domain is enabled.
  private watchWorker(sessionId: string): void {
    this.sessions.add(sessionId);
    for (const domain of ['Runtime', 'Log', 'Network']) {
      this.devTools.send(`${domain}.enable`, {}, sessionId).catch((error: unknown) => {
        this.found.push(`Could not watch a worker: ${String(error)}`);
      });
    }
  }
}

function required(text: string | undefined): string {
  if (text === undefined) throw new Error('Chromium did not return the requested value');
  return text;
}
