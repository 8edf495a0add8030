import { refNameInvalid } from '../errors.ts'

const MAX_BYTES = 1024

/** Each rule with what to say when a name breaks it, in the order of git's own list. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^(?!refs\/)/, 'does not start with refs/'],
  [/^refs\/[^/]+$(?<!^refs\/stash$)/, 'has no part after its kind'],
  [/(?:^|\/)\./, 'has a part that starts with a dot'],
  [/\.lock(?:\/|$)/i, 'has a part that ends with .lock'],
  [/\.\./, 'has two dots in a row'],
  // oxlint-disable-next-line no-control-regex -- these are the characters it looks for
  [/[\u0000-\u0020\u007f]/, 'has a space or a control character'],
  [/[~^:?*[\\]/, 'has one of ~ ^ : ? * [ \\'],
  [/\/(?:\/|$)/, 'has an empty part'],
  [/\.$/, 'ends with a dot'],
  [/@\{/, 'has @{'],
  [/\p{Surrogate}/u, 'has half a character'],
  [/^refs\/(?:heads|tags)\/-/, 'starts with a dash'],
  [/^refs\/heads\/(?:HEAD|@)$/, 'is a word with a meaning of its own'],
]

/**
 * Checks a full ref name (`refs/heads/main`) after the rules of
 * [git check-ref-format](https://git-scm.com/docs/git-check-ref-format), so that every name can
 * also be written in a revision.
 *
 * @throws `DSV_REF_NAME_INVALID`
 */
export function checkRefName(name: string): void {
  const broken = RULES.find(([rule]) => rule.test(name))
  if (broken !== undefined) throw refNameInvalid(name, broken[1])
  if (Buffer.byteLength(name) > MAX_BYTES) throw refNameInvalid(name, 'is longer than 1024 bytes')
}
