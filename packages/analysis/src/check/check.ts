import type { AnnotatedItem, Annotation, DatasetView, Media } from '@dsv/core'

/** How bad a finding is. */
export type Severity = 'error' | 'warning' | 'info'

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info']

/** What a dataset is for; chooses which checks run and which annotations count. */
export type CheckTask = 'classification' | 'detection' | 'segmentation' | 'tabular'

/** All tasks that a check can be asked for. */
export const CHECK_TASKS: readonly CheckTask[] = [
  'classification',
  'detection',
  'segmentation',
  'tabular',
]

/** A number that a check goes by. */
export interface CheckParameter {
  readonly default: number
  /** What it means, with its unit. */
  readonly about: string
  /** The largest that it can be; the smallest is 0. */
  readonly most?: number
}

/** What `correct` does about findings of a check. */
export interface CheckRepair {
  /** What becomes of what is found, as a sentence begins: `drops the annotation`. */
  readonly does: string
  /** Done only when the check is named, because good data may go. */
  readonly isAsked?: true
}

/** A check as data: what it is called, how bad its findings are, and what they mean. */
export interface Check {
  /** In kebab-case. */
  readonly name: string
  readonly severity: Severity
  /** What a finding means, in one sentence. */
  readonly about: string
  /** By name, in kebab-case. */
  readonly parameters?: Readonly<Record<string, CheckParameter>>
  /** Runs with any task when absent. */
  readonly tasks?: readonly CheckTask[]
  /** Does not run without a task: what it finds is wrong for that task alone. */
  readonly needsTask?: true
  /** Reads the pixels of every image. */
  readonly needsPixels?: true
  /** What Datumaro's validator calls it. */
  readonly peer?: readonly string[]
  readonly repair?: CheckRepair
}

/** Something that a check found. */
export interface CheckFinding {
  readonly check: string
  readonly severity: Severity
  /** One sentence without its place: `box "car" reaches 10 pixels out of the image`. */
  readonly message: string
  /** Where: an item … */
  readonly subset?: string
  readonly id?: string
  /** … one of its annotations, by uid … */
  readonly layer?: string
  readonly annotation?: string
  /** … a category, by key, and an attribute. */
  readonly category?: string
  readonly attribute?: string
  /** Path of the medium that it is about. */
  readonly media?: string
  /** What `correct` needs besides: the size of an image, the type of an attribute that is not defined. */
  readonly size?: readonly [width: number, height: number]
  readonly attributeType?: 'boolean' | 'number' | 'string' | 'json'
}

/** A finding as a check reports it. */
export type FindingDraft = Omit<CheckFinding, 'check' | 'severity' | 'layer'>

/** An item while it is looked at. */
export interface CheckedItem {
  readonly item: AnnotatedItem
  /** Annotations of the layer that is checked. */
  readonly all: readonly Annotation[]
  /** Those of them that count for the task. */
  readonly annotations: readonly Annotation[]
  /** The image itself, where there is one. */
  readonly image: Media | undefined
}

/** What inspectors know of the run they are part of. */
export interface InspectContext {
  readonly schema: DatasetView['schema']
  /** For what goes over all items by itself. */
  readonly items: DatasetView['items']
  readonly signal: AbortSignal
  readonly task: CheckTask | undefined
  /** The format that the dataset is in, where that is known. */
  readonly format: string | undefined
  /** Returns whether a check runs. */
  readonly isOn: (check: string) => boolean
  /** Returns a parameter of a check. */
  readonly parameter: (check: string, name: string) => number
  /** Takes a finding; does nothing when the check does not run. */
  readonly report: (check: string, finding: FindingDraft) => void
  /** Reads a media file. Only checks that need pixels do. */
  readonly readMedia: (media: Media) => Promise<Uint8Array>
}

/** Looks at all items for the findings of a few checks. */
export interface Inspector {
  /** Called for each item, in key order. */
  readonly item?: (item: CheckedItem) => void | Promise<void>
  /** After all items: whether they have to be looked at again. */
  readonly needsSecondLook?: () => boolean
  /** Called for each item of the second look. */
  readonly itemAgain?: (item: CheckedItem) => void | Promise<void>
  /** After everything. */
  readonly end?: () => void | Promise<void>
}

/** Checks that are done together. */
export interface CheckFamily {
  readonly title: string
  readonly checks: readonly Check[]
  /** Begins a run. */
  readonly inspect: (context: InspectContext) => Inspector
}
