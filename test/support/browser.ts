import { existsSync } from 'node:fs';
import { DevTools, type DevToolsEvent } from './devtools.js';
import { problemOf } from './page-problems.js';

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CONTROL = 2;
const CONDITION_TIMEOUT_MS = 20_000;

export interface RenderOptions {
  /** JavaScript that is true once the page is ready; it is asked again until then. */
  readonly until?: string;
}

/** The DOM of a page once it is ready. Fails when the page logs an error, breaks its policy or asks another origin. */
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

/** A headless Chromium that reaches 127.0.0.1 and nothing else. */
export class Browser {
  private constructor(private readonly devTools: DevTools) {}

  static async start(): Promise<Browser> {
    const executable = CHROMIUM_PATHS.find((path) => existsSync(path));
    if (executable === undefined) {
      throw new Error(
        `The tests of the pages need Chromium at one of ${CHROMIUM_PATHS.join(', ')}: apt-get install chromium`,
      );
    }
    return new Browser(await DevTools.spawn(executable));
  }

  /** Opens a page in a tab with an empty profile, and waits until it and its scripts are loaded. */
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
  /** Sessions of this page and of its workers. */
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
    if (errorText !== undefined) throw new Error(`${url} does not load: ${errorText}`);
    await loaded;
  }

  /** Console errors, broken policies, uncaught errors and requests to other origins, workers included. */
  problems(): readonly string[] {
    return this.found;
  }

  async dom(): Promise<string> {
    return String(await this.evaluate('document.documentElement.outerHTML'));
  }

  /** The value of an expression, or of its promise, as JSON carries it. */
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
    throw new Error([`Never true: ${condition}`, ...this.found, 'The page shows:', shown].join('\n'));
  }

  /** Replaces the text of an editor or input, as a user would. `selector` names what takes the focus. */
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

  // What happened in the worker before this is sent again by the browser.
  private watchWorker(sessionId: string): void {
    this.sessions.add(sessionId);
    for (const domain of ['Runtime', 'Log', 'Network']) {
      this.devTools.send(`${domain}.enable`, {}, sessionId).catch((error: unknown) => {
        this.found.push(`A worker cannot be watched: ${String(error)}`);
      });
    }
  }
}

function required(text: string | undefined): string {
  if (text === undefined) throw new Error('Chromium left out what was asked for');
  return text;
}
