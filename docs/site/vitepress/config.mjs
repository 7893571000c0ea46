import sidebar from './sidebar.json' with { type: 'json' };
import { miniSearch } from './search.mjs';
import { slug } from './slug.ts';

export default {
  title: 'Hokusai Gateway for MLflow',
  description: 'API keys, rate limits and an audit trail for the MLflow server that you already run',
  lang: 'en',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  cleanUrls: false,
  lastUpdated: false,
  // Files that pages link to are served as they are, also those in Markdown.
  srcExclude: ['public/**'],
  ignoreDeadLinks: [/^\/files\//],
  markdown: { anchor: { slugify: slug } },
  themeConfig: {
    siteTitle: 'Hokusai Gateway',
    sidebar,
    outline: [2, 3],
    nav: [
      { text: 'Get started', link: '/getting-started' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'Configuration', link: '/configuration' },
      { text: 'Changelog', link: '/changelog' },
    ],
    search: {
      provider: 'local',
      options: {
        miniSearch,
        // A list of types would hide the pages that explain.
        _render(source, env, md) {
          const html = md.render(source, env);
          return /^(?:sdk-api|decisions)\//.test(env.relativePath) ? '' : html;
        },
      },
    },
  },
};
