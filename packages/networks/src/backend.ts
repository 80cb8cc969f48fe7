/**
 * Imported for its side effects: tfjs-layers keeps the weights of a model on a backend, even of a model that is only
 * called functionally, and registers the gradients that tfjs-core leaves out in Node.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
