/** Importing this registers every lowering with tfjs. */
import './activation.js';
import './bincount.js';
import './compare.js';
import './convolution.js';
import './depthwise.js';
import './elementwise.js';
import './gather.js';
import './join.js';
import './matmul.js';
import './pooling.js';
import './reduce.js';
import './shape.js';
