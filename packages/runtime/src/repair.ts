/**
 * Imported for its side effects. In Node, tfjs-core alone registers no gradients: importing tfjs-layers does. The rest
 * mends what is wrong or missing in the gradients of tfjs 4.22, for eager and traced steps alike.
 */
import '@tensorflow/tfjs-layers';
import './repair/tape-order.js';
import './repair/zero-gradients.js';
import './repair/broadcasting.js';
import './repair/convolution.js';
import './repair/cross-entropy.js';
import './repair/cumsum.js';
import './repair/einsum.js';
import './repair/elu.js';
import './repair/gather.js';
import './repair/gather-nd.js';
import './repair/mirror-pad.js';
import './repair/one-hot.js';
import './repair/pooling.js';
import './repair/prod.js';
import './repair/single-part.js';
import './repair/tile.js';
