/**
 * The files of the page: the bundle in memory, and the built plugin, Grafana's icons and fonts on disk. They are served
 * under `/public/`, where Grafana's components and the plugin expect them.
 */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { PLUGIN_ID } from '../../../contract/plugin-id';
import { type PageFiles } from '../bundle-page';
import { type GrafanaLibraries } from '../grafana-libraries';

export interface StaticFile {
  contentType: string;
  body: Uint8Array;
}

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  // The browser compiles the file during the download only if the file has this type.
  '.wasm': 'application/wasm',
  '.md': 'text/plain; charset=utf-8',
};

/**
 * Icons that @grafana/ui uses and that its npm package does not contain. They are drawn in a view box of 24 by 24.
 */
const MISSING_ICONS: Record<string, string> = {
  'build/img/icons/unicons/sync-slash.svg':
    'M3 4.4 4.4 3 21 19.6 19.6 21l-2.5-2.5A8 8 0 0 1 4 12h2a6 6 0 0 0 9.7 4.7L6.9 7.9zM12 4a8 8 0 0 1 8 8h-2a6 6 0 0 0-6-6z',
  'build/img/icons/unicons/spinner.svg': 'M12 2a10 10 0 0 1 10 10h-2.5A7.5 7.5 0 0 0 12 4.5z',
  'build/img/icons/unicons/angle-double-up.svg':
    'm6 12 6-6 6 6-1.4 1.4L12 8.8l-4.6 4.6zm0 6 6-6 6 6-1.4 1.4-4.6-4.6-4.6 4.6z',
  'build/img/icons/unicons/angle-double-left.svg':
    'M11 6 5 12l6 6 1.4-1.4L7.8 12l4.6-4.6zm7 0-6 6 6 6 1.4-1.4-4.6-4.6 4.6-4.6z',
};

function drawnIcon(path: string): Buffer | undefined {
  const drawing = MISSING_ICONS[path];
  return drawing === undefined
    ? undefined
    : Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="${drawing}"/></svg>`);
}

/** Fonts: the name in Grafana's global styles, and the file in the package. */
const FONTS: Record<string, string> = {
  'inter/Inter-Regular.woff2': '@fontsource/inter/files/inter-latin-400-normal.woff2',
  'inter/Inter-Medium.woff2': '@fontsource/inter/files/inter-latin-500-normal.woff2',
  'inter/Inter-Italic.woff2': '@fontsource/inter/files/inter-latin-400-italic.woff2',
  'inter/Inter-MediumItalic.woff2': '@fontsource/inter/files/inter-latin-500-italic.woff2',
};
/** Grafana requests Roboto Mono by a file name with a hash. */
const ROBOTO_MONO = '@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2';

/** Path of a font below `node_modules`. */
function fontPath(name: string): string | undefined {
  return FONTS[name] ?? (name.startsWith('roboto/') ? ROBOTO_MONO : undefined);
}

async function readInside(folder: string, path: string): Promise<Buffer | undefined> {
  const file = resolve(folder, path);
  const inside = relative(folder, file);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) {
    return undefined;
  }
  try {
    return await readFile(await realpath(file));
  } catch {
    return undefined;
  }
}

export class StaticFiles {
  readonly #bundle: PageFiles;
  readonly #fonts: string;
  readonly #folders: ReadonlyArray<readonly [prefix: string, folder: string]>;

  /**
   * @param root Folder of the project.
   * @param libraries Libraries whose icons are served.
   * @param bundle Files of the page by name.
   */
  constructor(root: string, libraries: GrafanaLibraries, bundle: PageFiles) {
    this.#bundle = bundle;
    this.#fonts = join(root, 'node_modules');
    this.#folders = [
      [`plugins/${PLUGIN_ID}/`, join(root, 'dist')],
      ['build/img/icons/', join(libraries.folder, 'node_modules/@grafana/ui/dist/public/img/icons')],
    ];
  }

  /** The file at a path. Undefined if there is none. @param path Decoded, without the leading `/public/`. */
  async read(path: string): Promise<StaticFile | undefined> {
    const body = await this.#bytes(path);
    return body && { body, contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream' };
  }

  async #bytes(path: string): Promise<Uint8Array | undefined> {
    const built = this.#bundle.get(path) ?? drawnIcon(path);
    if (built) {
      return typeof built === 'function' ? built() : built;
    }
    if (path.startsWith('fonts/')) {
      const font = fontPath(path.slice('fonts/'.length));
      return font === undefined ? undefined : readInside(this.#fonts, font);
    }
    for (const [prefix, folder] of this.#folders) {
      if (path.startsWith(prefix)) {
        return readInside(folder, path.slice(prefix.length));
      }
    }
    return undefined;
  }
}
