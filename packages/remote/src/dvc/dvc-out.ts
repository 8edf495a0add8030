import type { YamlJson } from './parse-yaml.ts'

/**
 * How DVC names bytes. `md5` (3.x): the MD5 of the bytes. `md5-dos2unix` (2.x and older): that of the
 * bytes with Unix line ends when they look like text.
 */
export type DvcHash = 'md5' | 'md5-dos2unix'

/** One file of a directory. */
export interface DvcEntry {
  /** From the directory, `/`-separated. */
  readonly path: string
  /** 32 hexadecimal digits. */
  readonly md5: string
  readonly sizeBytes?: number | undefined
}

/** Where an imported output comes from: a path at a commit of another registry. */
export interface DvcImport {
  readonly url: string
  readonly path: string
  /** The branch or tag that was asked for. */
  readonly rev?: string | undefined
  readonly revLock: string
  /** The remote of that registry to use instead of its default. */
  readonly remote?: string | undefined
}

/** What would make an output again. */
export interface DvcRecipe {
  readonly stage: string
  /** The file that says so, from the root of the repository. */
  readonly definedIn: string
  /** The folder that the command runs in, from the root of the repository. */
  readonly folder: string
  /** Lines for a shell; in a registry they are the words of strangers. */
  readonly command: readonly string[]
  readonly deps: readonly DvcRecorded[]
  /** By file, what the stage read from it. */
  readonly params: Readonly<Record<string, YamlJson>>
  readonly outs: readonly DvcRecorded[]
}

/** A dependency or an output as it was when the stage ran. */
export interface DvcRecorded {
  readonly path: string
  /** May end with `.dir`. */
  readonly md5?: string | undefined
}

/** One output that DVC knows: a file or a directory. */
export interface DvcOut {
  /** From the root of the Git repository, `/`-separated. */
  readonly path: string
  /** The `.dvc` file or `dvc.yaml` that names it. */
  readonly definedIn: string
  readonly stage?: string | undefined
  readonly isFolder: boolean
  readonly hash: DvcHash
  /** 32 hexadecimal digits; undefined when none was ever recorded. */
  readonly md5?: string | undefined
  readonly sizeBytes?: number | undefined
  readonly fileCount?: number | undefined
  /** False for `cache: false`: at best Git has it. */
  readonly isCached: boolean
  /** False for `push: false`. */
  readonly isPushed: boolean
  readonly isExecutable: boolean
  /** The remote that has it; by default that of the registry. */
  readonly remote?: string | undefined
  /** The files of a directory in a remote that versions them itself. */
  readonly files?: readonly DvcEntry[] | undefined
  /** Whether the remote keeps it under its path instead of its hash. */
  readonly isCloudVersioned: boolean
  readonly imported?: DvcImport | undefined
  readonly recipe?: DvcRecipe | undefined
}

/** An output that lies outside the repository, or that cannot be placed. */
export interface SkippedOut {
  readonly definedIn: string
  readonly path: string
  readonly problem: string
}
