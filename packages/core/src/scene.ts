/** Colours are CSS colours; lengths are world units; y points up. */
export type Shape =
  | {
      /** A disc. */
      readonly kind: 'circle';
      /** Of the centre. */
      readonly x: number;
      /** Of the centre. */
      readonly y: number;
      /** World units. */
      readonly radius: number;
      /** Left out: not filled. */
      readonly fill?: string;
      /** Colour of the outline; left out: none. */
      readonly stroke?: string;
      /** From 0 (invisible) to 1, the default. */
      readonly opacity?: number;
    }
  | {
      /** Straight lines from point to point, not closed. */
      readonly kind: 'line';
      /** [x, y] of each point. */
      readonly points: readonly (readonly [number, number])[];
      /** Colour of the line. */
      readonly stroke: string;
      /** World units. */
      readonly width: number;
      /** From 0 (invisible) to 1, the default. */
      readonly opacity?: number;
    }
  | {
      /** A closed polygon. */
      readonly kind: 'polygon';
      /** [x, y] of each corner; the last is joined to the first. */
      readonly points: readonly (readonly [number, number])[];
      /** Left out: not filled. */
      readonly fill?: string;
      /** Colour of the outline; left out: none. */
      readonly stroke?: string;
      /** From 0 (invisible) to 1, the default. */
      readonly opacity?: number;
    }
  | {
      /** One line of text. */
      readonly kind: 'text';
      /** Left end of the baseline. */
      readonly x: number;
      /** Height of the baseline. */
      readonly y: number;
      /** What it says, as it is: nothing in it is markup. */
      readonly text: string;
      /** Height of the letters, world units. */
      readonly size: number;
      /** Colour of the letters; left out: almost black. */
      readonly fill?: string;
    };

/** A picture of a world in plain data: what `render` gives, and what an SVG or a canvas is made of. */
export interface Scene {
  /** The part of the world that should be seen: its lower left corner, its width and its height, world units. */
  readonly view: { readonly left: number; readonly bottom: number; readonly width: number; readonly height: number };
  /** Painted in order: later shapes lie on top. The same shape has the same index in every scene of an episode. */
  readonly shapes: readonly Shape[];
}
