import type { DatasetContent, Json, TransformContext, TransformInput } from '@dsv/core'

/** What an option is called, takes and means: on the command line, in `dsv.yaml` and in the library. */
export interface OptionDefinition {
  /** `list` is several texts; `map` is texts by name, `name=text` on the command line. */
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'map'
  readonly describe: string
  readonly isRequired?: boolean
  /**
   * What is typed is the path of a file, of which the step gets the text: whoever takes the option reads it. Only of
   * `string`.
   */
  readonly isFile?: true
  /** The texts that are allowed. */
  readonly choices?: readonly string[]
}

/** Options by name, in kebab-case. */
export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>

/** The type that an option has. */
type ValueOf<Definition extends OptionDefinition> =
  Definition['choices'] extends readonly (infer Choice)[]
    ? Choice
    : {
        string: string
        number: number
        boolean: boolean
        list: readonly string[]
        map: Readonly<Record<string, string>>
      }[Definition['type']]

/** The options that a step sees: required ones are there, others may be undefined. */
export type OptionValues<Definitions extends OptionDefinitions> = {
  readonly [Name in keyof Definitions]: Definitions[Name]['isRequired'] extends true
    ? ValueOf<Definitions[Name]>
    : ValueOf<Definitions[Name]> | undefined
}

/** Something a step had to leave out or to decide, for the user to know. */
export interface StepNote {
  /** What it is, the same for all of its kind: `item left out: no image`. */
  readonly what: string
  /** An example of where: an item as `subset/id`, a category. */
  readonly where: string
}

/** What a step found out beside the dataset that it makes. */
export interface StepReport {
  /** For programs; its shape is documented with the step. */
  readonly value: Json
  /** For people: a few lines. */
  readonly lines: readonly string[]
}

/** What a step may use beside its inputs. */
export interface StepContext extends TransformContext {
  /** Told of what was left out or decided. */
  readonly onNote: (note: StepNote) => void
  /**
   * Given the report of a step that makes one, at most once, when its last item has been taken. Absent where nobody
   * reads it.
   */
  readonly onReport?: (report: StepReport) => void
}

/** A step as the registry holds it. */
export interface Step {
  /** What users type, in kebab-case. */
  readonly name: string
  readonly summary: string
  /** Whether it takes exactly one dataset, or any number of them. */
  readonly inputs: 'one' | 'many'
  readonly options: OptionDefinitions
  /** Whether each item of the result depends on one item and the schema alone, and the schema on the schema. */
  readonly isItemwise?: true
  /** `new`: the result belongs into none of its inputs, so that users have to say where it goes. */
  readonly result?: 'new'
  /** What its report says; absent where it makes none. */
  readonly report?: string
  /** @throws `DSV_OPTION_INVALID` */
  apply(
    inputs: readonly TransformInput[],
    options: Readonly<Record<string, unknown>>,
    context: StepContext,
  ): Promise<DatasetContent>
}
