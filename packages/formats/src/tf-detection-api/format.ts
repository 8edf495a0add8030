import type { Format } from '@dsv/core'

/** TFRecord files of `tf.Example` with boxes, as the TensorFlow Object Detection API reads them. */
export const tfDetectionApiFormat: Format = {
  name: 'tf-detection-api',
  title: 'TensorFlow Object Detection API (TFRecord)',
  source: new URL(
    'https://github.com/tensorflow/models/blob/master/research/object_detection/data_decoders/tf_example_decoder.py',
  ),
  holds: new Set(['label', 'box', 'mask']),
  variants: ['default', 'roboflow'],
}
