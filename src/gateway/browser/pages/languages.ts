import { TEXTS_DE } from './texts.de.js';
import { TEXTS_EN } from './texts.en.js';
import type { Texts } from './texts.js';

const LANGUAGES: Readonly<Record<string, Texts>> = { en: TEXTS_EN, de: TEXTS_DE };

/** The first language of `Accept-Language` that there are texts in, by its quality; else English. */
export function textsFor(acceptLanguage: string | undefined): Texts {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .slice(0, 20)
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
      const quality = parameters
        .map((one) => /^\s*q=([0-9.]+)$/.exec(one)?.[1])
        .find((one) => one !== undefined);
      return { language: tag.split('-')[0] ?? '', quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ language, quality }) => Object.hasOwn(LANGUAGES, language) && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return LANGUAGES[wanted[0]?.language ?? 'en'] ?? TEXTS_EN;
}
