import type { AttributeValue, Json } from '@dsv/core'

/** An object, or a part of one, as either release describes it. */
export interface AdeObject {
  /** Its number within its level. */
  readonly id: number
  /** 0 for objects, 1 for their parts, 2 for the parts of these. */
  readonly level: number
  readonly name: string
  /** All names that the class has. */
  readonly className: string
  /** The number of the class; undefined in 2017, where pixels say it. */
  readonly classNumber: number | undefined
  readonly occluded: boolean | undefined
  readonly truncated: boolean | undefined
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** The path of its own mask, beside the image. */
  readonly mask: string | undefined
  /** Flat numbers `[x0, y0, …]`; empty where there is none. */
  readonly polygon: readonly number[]
  /** What else is said of it. */
  readonly extra: Json
}

/** What is said of an image. */
export interface AdeImage {
  readonly objects: readonly AdeObject[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}
