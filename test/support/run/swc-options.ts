import type { Options } from '@swc/core';

/**
 * How SWC makes JavaScript of our sources: types and decorators are taken away; of `.tsx` files, which are pages, the markup
 * becomes calls of Preact.
 */
export const swcOptions = (tsx: boolean): Options => ({
  jsc: {
    parser: { syntax: 'typescript', tsx, decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      react: { runtime: 'automatic', importSource: 'preact' },
    },
    target: 'es2024',
    keepClassNames: true,
    // Jest 31 will not take a JSON module without its attribute.
    experimental: { keepImportAttributes: true },
  },
  module: { type: 'es6' },
});
