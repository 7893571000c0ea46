import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { trustedHtml } from '../../../lib/http/html.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { consoleAssets } from './console-assets.js';
import {
  CONSOLE,
  CONSOLE_ASSETS,
  CONSOLE_AUDIT,
  CONSOLE_KEYS,
  CONSOLE_REFUSALS,
  CONSOLE_ROTATION,
  CONSOLE_SERVICES,
  CONSOLE_SIGN_OUT,
  CONSOLE_SYSTEM,
  CONSOLE_USAGE,
} from './console-paths.js';
import { CONSOLE_STYLE } from './console-style.js';
import { SCREEN_STYLE } from './screen-style.js';

const STYLE = CONSOLE_STYLE + SCREEN_STYLE;

const PLACES = [
  ['overview', 'Overview', CONSOLE],
  ['keys', 'Keys', CONSOLE_KEYS],
  ['new', 'Create a key', `${CONSOLE_KEYS}/new`],
  ['services', 'Services', CONSOLE_SERVICES],
  ['rotation', 'Rotation', CONSOLE_ROTATION],
  ['usage', 'Usage', CONSOLE_USAGE],
  ['refusals', 'Refusals', CONSOLE_REFUSALS],
  ['audit', 'Audit log', CONSOLE_AUDIT],
  ['system', 'System', CONSOLE_SYSTEM],
] as const;

export interface Frame {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Which entry of the navigation the page belongs to. */
  readonly place?: (typeof PLACES)[number][0];
  /** Who is signed in; the page has a navigation then. */
  readonly admin?: string;
  readonly status?: number;
}

/** A whole page of the console. */
export function framed({ title, children, place, admin, status = 200 }: Frame): Page {
  // The sign-in needs none.
  const assets = admin === undefined ? undefined : consoleAssets();
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · Keys`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
        {assets && (
          <>
            <link rel="stylesheet" href={`${CONSOLE_ASSETS}/${assets.style}`} />
            <script type="module" src={`${CONSOLE_ASSETS}/${assets.script}`} />
          </>
        )}
      </head>
      <body class={admin === undefined ? undefined : 'signed-in'}>
        {admin !== undefined && <Top admin={admin} place={place} />}
        <main id="main" class={admin === undefined ? 'small' : undefined}>
          <h1>
            <bdi>{title}</bdi>
          </h1>
          {children}
        </main>
      </body>
    </html>
  );
  return {
    status,
    body: trustedHtml(`<!doctype html>${renderToString(document)}`),
    style: STYLE,
    loadsFiles: assets !== undefined,
  };
}

function Top({ admin, place }: { admin: string; place: Frame['place'] }) {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <nav aria-label="Console">
          {PLACES.map(([id, name, href]) => (
            <a href={href} aria-current={id === place ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <form method="post" action={CONSOLE_SIGN_OUT}>
          <span>
            Signed in as <bdi>{admin}</bdi>
          </span>
          <button class="plain">Sign out</button>
        </form>
      </header>
    </>
  );
}
