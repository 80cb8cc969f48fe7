/** Colours are CSS colours; lengths are world units; y points up. */
export type Shape =
  | {
      readonly kind: 'circle';
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly fill?: string;
      readonly stroke?: string;
      readonly opacity?: number;
    }
  | {
      readonly kind: 'line';
      readonly points: readonly (readonly [number, number])[];
      readonly stroke: string;
      /** World units. */
      readonly width: number;
      readonly opacity?: number;
    }
  | {
      readonly kind: 'polygon';
      readonly points: readonly (readonly [number, number])[];
      readonly fill?: string;
      readonly stroke?: string;
      readonly opacity?: number;
    }
  | {
      readonly kind: 'text';
      /** Left end of the baseline. */
      readonly x: number;
      readonly y: number;
      readonly text: string;
      /** Height of the letters, world units. */
      readonly size: number;
      readonly fill?: string;
    };

/** A picture of a world in plain data: what `render` gives, and what an SVG or a canvas is made of. */
export interface Scene {
  /** The part of the world that should be seen. */
  readonly view: { readonly left: number; readonly bottom: number; readonly width: number; readonly height: number };
  /** Painted in order: later shapes lie on top. The same shape has the same index in every scene of an episode. */
  readonly shapes: readonly Shape[];
}
