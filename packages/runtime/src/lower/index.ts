/** Importing this registers every lowering with tfjs. */
import './activation.js';
import './compare.js';
import './convolution.js';
import './elementwise.js';
import './gather.js';
import './join.js';
import './matmul.js';
import './reduce.js';
import './shape.js';
