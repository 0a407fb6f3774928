#pragma once

#include "kernels/kernels.hpp"

// The kernel pose_sums for vectors of float64. A level includes it with a type `Lanes` of its own
// unnamed namespace, so that what is compiled of it here is no other level's: `Vector`, `size`, and
// all, load, add, sub, mul, madd (a b + c), div, root, least, most; `totals`: the sums of the lanes
// of kPoseSums vectors.

namespace rostro {

namespace {

template <typename Lanes>
void pose_sums_in(const PosePoints& points, const PoseGuess& pose, double* sums) {
  using V = typename Lanes::Vector;
  V m[9], t[3];
  for (int i = 0; i < 9; ++i) m[i] = Lanes::all(pose.rotation[i]);
  for (int i = 0; i < 3; ++i) t[i] = Lanes::all(pose.translation[i]);
  const V fx = Lanes::all(pose.fx), fy = Lanes::all(pose.fy), huber = Lanes::all(pose.huber);
  const V zero = Lanes::all(0), one = Lanes::all(1), tiny = Lanes::all(1e-12);
  const V least_depth = Lanes::all(kLeastDepth);
  V total[kPoseSums];
  for (V& sum : total) sum = zero;
  for (size_t i = 0; i < points.count; i += Lanes::size) {
    const V x = Lanes::load(points.x + i), y = Lanes::load(points.y + i),
            z = Lanes::load(points.z + i);
    const V qx = Lanes::madd(m[2], z, Lanes::madd(m[1], y, Lanes::mul(m[0], x)));
    const V qy = Lanes::madd(m[5], z, Lanes::madd(m[4], y, Lanes::mul(m[3], x)));
    const V qz = Lanes::madd(m[8], z, Lanes::madd(m[7], y, Lanes::mul(m[6], x)));
    const V near = Lanes::div(one, Lanes::most(Lanes::add(qz, t[2]), least_depth));
    const V a = Lanes::mul(Lanes::add(qx, t[0]), near), b = Lanes::mul(Lanes::add(qy, t[1]), near);
    const V ru = Lanes::sub(Lanes::mul(fx, a), Lanes::load(points.u + i));
    const V rv = Lanes::sub(Lanes::mul(fy, b), Lanes::load(points.v + i));
    const V e = Lanes::most(Lanes::root(Lanes::madd(rv, rv, Lanes::mul(ru, ru))), tiny);
    const V k = Lanes::least(e, huber);
    const V given = Lanes::load(points.weight + i);
    const V weight = Lanes::mul(given, Lanes::div(k, e));
    const V fu = Lanes::mul(fx, near), fv = Lanes::mul(fy, near);
    const V wu = Lanes::mul(weight, fu), wv = Lanes::mul(weight, fv);
    // The rows of J without their factors fu and fv, and without what is 1 or 0 of them.
    const V u0 = Lanes::sub(zero, Lanes::mul(qy, a)), u1 = Lanes::madd(qx, a, qz),
            u2 = Lanes::sub(zero, qy), u5 = Lanes::sub(zero, a);
    const V v0 = Lanes::sub(zero, Lanes::madd(qy, b, qz)), v1 = Lanes::mul(qx, b), v2 = qx,
            v5 = Lanes::sub(zero, b);
    const V fuu = Lanes::mul(wu, fu), fvv = Lanes::mul(wv, fv);
    const V su[4] = {Lanes::mul(fuu, u0), Lanes::mul(fuu, u1), Lanes::mul(fuu, u2),
                     Lanes::mul(fuu, u5)};
    const V sv[4] = {Lanes::mul(fvv, v0), Lanes::mul(fvv, v1), Lanes::mul(fvv, v2),
                     Lanes::mul(fvv, v5)};
    const auto add = [&](int at, V u, V by_u, V v, V by_v) {
      total[at] = Lanes::madd(u, by_u, Lanes::madd(v, by_v, total[at]));
    };
    add(0, su[0], u0, sv[0], v0);
    add(1, su[0], u1, sv[0], v1);
    add(2, su[0], u2, sv[0], v2);
    total[3] = Lanes::add(total[3], su[0]);
    total[4] = Lanes::add(total[4], sv[0]);
    add(5, su[0], u5, sv[0], v5);
    add(6, su[1], u1, sv[1], v1);
    add(7, su[1], u2, sv[1], v2);
    total[8] = Lanes::add(total[8], su[1]);
    total[9] = Lanes::add(total[9], sv[1]);
    add(10, su[1], u5, sv[1], v5);
    add(11, su[2], u2, sv[2], v2);
    total[12] = Lanes::add(total[12], su[2]);
    total[13] = Lanes::add(total[13], sv[2]);
    add(14, su[2], u5, sv[2], v5);
    total[15] = Lanes::add(total[15], fuu);
    total[17] = Lanes::add(total[17], su[3]);
    total[18] = Lanes::add(total[18], fvv);
    total[19] = Lanes::add(total[19], sv[3]);
    add(20, su[3], u5, sv[3], v5);
    const V gu = Lanes::mul(wu, ru), gv = Lanes::mul(wv, rv);
    add(21, gu, u0, gv, v0);
    add(22, gu, u1, gv, v1);
    add(23, gu, u2, gv, v2);
    total[24] = Lanes::add(total[24], gu);
    total[25] = Lanes::add(total[25], gv);
    add(26, gu, u5, gv, v5);
    const V twice = Lanes::sub(Lanes::add(e, e), k);
    total[27] = Lanes::madd(Lanes::mul(given, k), twice, total[27]);
  }
  Lanes::totals(total, sums);
}

}  // namespace

}  // namespace rostro
