import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { trustedHtml } from '../../lib/html.js';
import type { Page } from '../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_SERVICES, CONSOLE_SIGN_OUT } from './console-paths.js';
import { CONSOLE_STYLE } from './console-style.js';

const PLACES = [
  ['keys', 'Keys', CONSOLE_KEYS],
  ['new', 'Create a key', `${CONSOLE_KEYS}/new`],
  ['services', 'Services', CONSOLE_SERVICES],
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
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · Keys`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: CONSOLE_STYLE }} />
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
    style: CONSOLE_STYLE,
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
