import { escapeText, type Markup } from './markup.ts'

/** A part of a page under its heading. */
export interface PageSection {
  readonly title: string
  readonly pieces: readonly Markup[]
}

/** What a page shows. */
export interface Page {
  readonly title: string
  /** Said below the title: what of, which version. */
  readonly about?: string
  readonly sections: readonly PageSection[]
}

/** The first line of every page, by which a page of ours is known. */
export const PAGE_MARK = '<!doctype html><!-- made by dsv -->'

/**
 * Returns a page that stands by itself: no script, nothing loaded from elsewhere, light and dark as the reader's
 * system is, all texts escaped.
 */
export function htmlPage({ title, about, sections }: Page): string {
  const shown = sections.filter(({ pieces }) => pieces.length > 0)
  const links = shown.map(
    (section, index) => `<a href="#s${index}">${escapeText(section.title)}</a>`,
  )
  const parts = shown.map(
    (section, index) =>
      `<section id="s${index}"><h2>${escapeText(section.title)}</h2>\n` +
      `${section.pieces.map(({ html }) => html).join('')}</section>\n`,
  )
  return [
    `${PAGE_MARK}\n<html lang="en"><head><meta charset="utf-8">\n`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `<title>${escapeText(title)}</title>\n<style>\n${STYLE}</style></head><body>\n`,
    `<h1>${escapeText(title)}</h1>\n`,
    about === undefined ? '' : `<p class="about">${escapeText(about)}</p>\n`,
    links.length > 1 ? `<nav>${links.join(' ')}</nav>\n` : '',
    ...parts,
    '</body></html>\n',
  ].join('')
}

/** Returns a paragraph. */
export function paragraph(text: string): Markup {
  return { html: `<p>${escapeText(text)}</p>\n` }
}

const STYLE = `:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6878; --rule: #d5dae1; --paper: #ffffff;
  --c0: #2f6fb3; --c1: #d9822b; --c2: #2e8b6b; --c3: #b5477d; --c4: #7a63b8; --c5: #8a7a22; --c6: #4aa3b5; --c7: #a3513d;
  --more: #2e8b6b; --less: #b5472f; --heat: 47 111 179 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b6; --rule: #3a4452; --paper: #151a21;
  --c0: #6fa8e6; --c1: #eba55c; --c2: #5fc39e; --c3: #e283b4; --c4: #ab97e6; --c5: #cdbb55; --c6: #7fd0e0; --c7: #dd8a73;
  --more: #5fc39e; --less: #ef8d78; --heat: 111 168 230 } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--rule) }
.about { color: var(--soft); margin: 0 0 1rem } nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem } a { color: var(--c0) }
section { overflow-x: auto }
figure { display: inline-block; vertical-align: top; margin: .6rem 1.2rem .6rem 0; max-width: 100% }
figcaption, caption { font-weight: 600; text-align: left; padding: .2rem 0 }
img { max-width: 100% } svg { max-width: 100%; height: auto; font: 11px system-ui, sans-serif } svg text { fill: var(--ink) } svg text.soft { fill: var(--soft) }
.rule { stroke: var(--rule); stroke-width: 1 } .axis { stroke: var(--soft); stroke-width: 1 }
table { border-collapse: collapse; margin: .6rem 1.2rem .6rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .6rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere } thead th { color: var(--soft); font-weight: 600 }
td.text { text-align: left; overflow-wrap: anywhere } td.more { color: var(--more) } td.less { color: var(--less) }
.line { fill: none; stroke-width: 1.8 } .heat { fill: rgb(var(--heat)) }
${[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `.f${n} { fill: var(--c${n}) } .t${n} { stroke: var(--c${n}) }`).join('\n')}
`
