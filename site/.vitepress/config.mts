/** The site of docs/: `npm run docs` serves it, `npm run docs:build` builds it and fails for dead links. Both work without a network. */
import { githubSlug } from '../../scripts/docs/github-slug.ts';
import { movedPages, rewrites, sidebar, usePluginMarkdown, VERSION } from '../../scripts/docs/site.ts';
import { PROJECT_URL } from '../../contract/repository.ts';

/** The pages are outside of this package, so they do not find Vue when VitePress renders them. Node.js finds it at run time. */
const vueOfSite = {
  name: 'vue-of-site',
  enforce: 'pre',
  resolveId: (id: string, _importer: unknown, { ssr }: { ssr?: boolean }) =>
    ssr && /^vue(?:\/server-renderer)?$/.test(id) ? { id, external: true } : undefined,
};

export default {
  title: 'Micromegas data source',
  description: 'Documentation of the Micromegas data source for Grafana',
  lang: 'en-US',
  srcDir: '../docs',
  srcExclude: movedPages(),
  outDir: './dist',
  cacheDir: './node_modules/.cache/vitepress',
  // A project page of GitHub is in a folder: the workflow sets it, with slashes at both ends.
  base: process.env.SITE_BASE ?? '/',
  cleanUrls: false,
  rewrites: rewrites(),
  // Examples of addresses on the reader's machine. A test checks anchors.
  ignoreDeadLinks: 'localhostLinks',
  vite: { plugins: [vueOfSite] },
  markdown: { anchor: { slugify: githubSlug }, config: usePluginMarkdown },
  themeConfig: {
    siteTitle: `Micromegas data source ${VERSION}`,
    search: { provider: 'local' },
    sidebar: sidebar(),
    outline: [2, 3],
    editLink: { pattern: `${PROJECT_URL}docs/:path`, text: 'This page in the repository' },
    socialLinks: [{ icon: 'github', link: PROJECT_URL }],
  },
};
